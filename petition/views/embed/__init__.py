"""What stands on other sites, a module for each: the element, frames, the badge, oEmbed.

`elsewhere` is the only home of CORS and framing; `panel` is where organizers see and decide it.
"""
