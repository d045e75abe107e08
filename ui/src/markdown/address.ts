/**
 * What may be opened from an answer: web pages and mail, nothing else. The shell holds to the same rules
 * (`bridge/links.rs`), so that nothing is offered that it would refuse.
 */

/** The shell takes no longer one. */
const LONGEST = 4096;
/** What a link may write into a letter. Mail programs know more, such as files to send along. */
const FIELDS = ["to", "cc", "bcc", "subject", "body"];

/** Addresses, with what is not of ASCII in its encoded form. */
const WHOM = /^(?!-)(?:[\w.+~,@=-]|%[89a-f][\da-f])+$/i;

/** Why an address that looks as if it could be opened is not. */
export type Refusal = "long" | "user" | "letter";

/** An address as it would be opened; nothing for what leads to no page and no letter. */
export function reading(address: string): { url: URL; refused?: Refusal } | undefined {
  let url: URL;
  try {
    url = new URL(address.startsWith("www.") ? `https://${address}` : address);
  } catch {
    return undefined;
  }
  const isMail = url.protocol === "mailto:" && url.pathname.includes("@");
  if (url.protocol !== "https:" && url.protocol !== "http:" && !isMail) return undefined;
  if (url.href.length > LONGEST) return { url, refused: "long" };
  // `https://bank.example@evil.example` shows one name and goes to another.
  if (url.username !== "" || url.password !== "") return { url, refused: "user" };
  if (isMail && !isLetter(url)) return { url, refused: "letter" };
  return { url };
}

export function openable(address: string): URL | undefined {
  const read = reading(address);
  return read?.refused ? undefined : read?.url;
}

/** Whether a mail address fills in only what a person sees before it is sent. */
function isLetter(url: URL): boolean {
  if (!WHOM.test(url.pathname) || url.href.includes("#")) return false;
  return [...url.searchParams].every(([name, value]) => {
    const field = name.toLowerCase();
    // A line break in a header would begin another header; a body has lines.
    const seen = field === "body" ? value.replace(/[\r\n\t]/g, "") : value;
    return FIELDS.includes(field) && !/\p{Cc}|',/u.test(seen);
  });
}
