/** The names of providers as their makers write them; a server under a name of one's own keeps that. */
import { text } from ".";

const NAMES: Readonly<Record<string, string>> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  gemini: "Google Gemini",
  azure: "Azure OpenAI",
  ollama: "Ollama",
  openrouter: "OpenRouter",
  mistral: "Mistral",
  groq: "Groq",
  deepseek: "DeepSeek",
  xai: "xAI",
};

export function providerName(id: string): string {
  if (id === "local") return text().keys.local;
  return Object.hasOwn(NAMES, id) ? (NAMES[id] ?? id) : id;
}
