/** The marked blocks of a page, by the name of their file. */
export function blocksOf(page: string): Map<string, string>;
/** One marked block; it is an error when the page has none of this name. */
export function blockOf(page: string, file: string): string;
