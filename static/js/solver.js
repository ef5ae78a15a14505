// A worker of puzzle.js: tries one number after the other until the key made from it begins as the
// puzzle says (https://altcha.org, protocol 2, PBKDF2/SHA-256).

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve({ nonce, salt, cost, keyLength, keyPrefix }) {
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const number = new DataView(password.buffer, start.length);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  for (let counter = 0; ; counter += 1) {
    number.setUint32(0, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derived = new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * keyLength));
    const derivedKey = hex(derived);
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey };
  }
}

onmessage = ({ data }) => solve(data).then(postMessage, () => postMessage(null));
