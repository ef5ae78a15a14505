// WordPress shows the frame of another site only once that has told how high it is, and opens
// nothing from it but what it is asked to: the frame is sandboxed, with scripts and nothing else.
// It knows its frame again by the secret that it has put behind the frame's address
// (wp-includes/embed.php and wp-includes/js/wp-embed.js, of WordPress 4.4 and later). Anywhere
// else there is no secret, and this does nothing.

const secret = /^#\?secret=([a-zA-Z0-9]+)$/.exec(location.hash)?.[1];

if (secret && parent !== window) {
  const tell = (message, value) => parent.postMessage({ message, value, secret }, "*");
  const borders = 2;
  const tellHeight = () => tell("height", document.body.offsetHeight + borders);

  // Nothing has to give way for want of height.
  document.documentElement.classList.add("measured");
  // At once: while it is hidden, a browser draws nothing in it, and so observes nothing.
  tellHeight();
  new ResizeObserver(tellHeight).observe(document.body);

  // The page around it may be there later than this.
  addEventListener("message", ({ source, data }) => {
    if (source === parent && data?.message === "ready" && data.secret === secret) tellHeight();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    tell("link", link.href);
  });
}
