/**
 * From the first cell of a row to the end of the screen. Erasing all of a screen from its first cell on counts as
 * clearing it: tmux (scroll-on-clear) would keep a copy of what stood there above it, each time. Hence from the second.
 */
export const eraseBelow = "\x1b[K\x1b[C\x1b[J\r";
