/** What may be opened from an answer: web pages and mail, nothing else. */
export function openable(address: string): URL | undefined {
  let url: URL;
  try {
    url = new URL(address.startsWith("www.") ? `https://${address}` : address);
  } catch {
    return undefined;
  }
  return url.protocol === "https:" || url.protocol === "http:" || url.protocol === "mailto:" ? url : undefined;
}
