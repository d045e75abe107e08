/** The message field of the page, for whatever wants to lead to it. */
let field: HTMLTextAreaElement | null = null;
let openModels: (() => void) | null = null;
let openModes: (() => void) | null = null;

let waits: (() => void) | undefined;

export function setField(next: HTMLTextAreaElement | null): void {
  field = next;
  if (!next || !waits) return;
  // Its pickers are told of in the same moment.
  requestAnimationFrame(waits);
  waits = undefined;
}

export const hasField = (): boolean => field !== null;

/** Runs it once the next page has its field. */
export function whenField(run: () => void): void {
  waits = run;
}

export function focusField(): void {
  field?.focus();
}

/** Puts the focus on the page: its message field, or its title where it has none. */
export function focusPage(): void {
  (field ?? document.querySelector<HTMLElement>(".header h1"))?.focus();
}

export function setPickers(models: (() => void) | null, modes: (() => void) | null): void {
  openModels = models;
  openModes = modes;
}

let openFolders: (() => void) | null = null;

/** What lets the person choose the folder of a session, where that can still be chosen. */
export function setFolders(open: (() => void) | null): void {
  openFolders = open;
}

export const hasFolders = (): boolean => openFolders !== null;

export function chooseFolder(): void {
  openFolders?.();
}

let openChooser: (() => void) | null = null;

export function setChooser(open: (() => void) | null): void {
  openChooser = open;
}

/** Lets the person choose files for the message. */
export function openFiles(): void {
  openChooser?.();
}

export function openModelPicker(): void {
  openModels?.();
}

export function openModePicker(): void {
  openModes?.();
}
