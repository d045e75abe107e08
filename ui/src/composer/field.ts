/** The message field of the page, for whatever wants to lead to it. */
let field: HTMLTextAreaElement | null = null;
let openModels: (() => void) | null = null;
let openModes: (() => void) | null = null;

export function setField(next: HTMLTextAreaElement | null): void {
  field = next;
}

export function focusField(): void {
  field?.focus();
}

export function setPickers(models: (() => void) | null, modes: (() => void) | null): void {
  openModels = models;
  openModes = modes;
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
