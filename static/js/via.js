// A page in a frame may be one for all sites. Its links say on which it stands, so that signatures
// are counted for it. Without this they are counted together with those of other frames.

const around = document.referrer && new URL(document.referrer);
const said = new URLSearchParams(location.search).get("via") ?? "";

// Our own pages show samples; of where those stand their address says more.
const way = around && around.host !== location.host ? `embed:${around.hostname}` : said;

if (way.startsWith("embed:")) {
  for (const link of document.links) {
    const asked = new URLSearchParams(link.search);
    if (asked.get("via") !== "embed") continue;
    asked.set("via", way);
    link.search = asked;
  }
}
