import { z } from 'zod';

export const THEMES = ['system', 'light', 'dark'] as const;
export const Theme = z.enum(THEMES);
export type Theme = z.infer<typeof Theme>;

const KEY = 'wheelhouse.theme';

/** A browser that refuses storage (private windows) still gets a console, in the system's colours. */
export function storedTheme(): Theme {
  try {
    return Theme.catch('system').parse(localStorage.getItem(KEY));
  } catch {
    return 'system';
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Chosen for this page only; there is nowhere to remember it.
  }
}
