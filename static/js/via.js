// The page of a frame is one for all sites. Its links say on which it stands, so that signatures are
// counted for it. Without this they are counted together with those of other frames.

const around = document.referrer && new URL(document.referrer);

// Our own pages show samples.
if (around && around.host !== location.host) {
  for (const link of document.links) {
    const address = new URL(link.href);
    if (address.searchParams.get("via") !== "embed") continue;
    address.searchParams.set("via", `embed:${around.hostname}`);
    link.href = address.href;
  }
}
