/** What may be opened from an answer: web pages and mail, nothing else. */
export function openable(address: string): URL | undefined {
  let url: URL;
  try {
    url = new URL(address.startsWith("www.") ? `https://${address}` : address);
  } catch {
    return undefined;
  }
  const isFit = url.protocol === "https:" || url.protocol === "http:" || (url.protocol === "mailto:" && isLetter(url));
  return isFit ? url : undefined;
}

/** What a link may write into a letter; the shell looks once more (`bridge/links.rs`). */
const FIELDS = ["to", "cc", "bcc", "subject", "body"];

function isLetter(url: URL): boolean {
  return [...url.searchParams.keys()].every((name) => FIELDS.includes(name.toLowerCase()));
}
