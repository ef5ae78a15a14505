"""What stands on other sites, a module for each.

- `element`: the numbers for `<open-letter>`, and its script. `static/embed/`
- `count_frame`: the count as a page for a frame. `count.html`; `embed.css`, `via.js` and, where
  oEmbed led to it, `wordpress.js`
- `form_frame`: the form, and what comes after it. `form.html`, `thanks.html`, `signed.html` and
  what is said instead; `framed.css`, `frame.js`, `via.js`
- `badge`: the count as a picture. `badge.svg`
- `oembed`: what stands in the place of an address. `oembed.html`
- `guide`: all of it for developers. `guide.html`
- `embedding`: where organizers see and decide it. `templates/embedding/`; `embedding.css`,
  `embedding.js`

`frames` and `surroundings` are for both frames: what they have in common, and what is known of the
page around one. `elsewhere` is the only home of CORS and framing.
"""
