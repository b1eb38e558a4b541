// Names in the path of an address.

/**
 * A name as the end of a path: an encoded "/" would be refused, as it moves the borders between
 * segments, so each stays and what is between them is encoded. Null where no browser can name it: "."
 * and ".." between slashes would be taken for the way to another address.
 */
export function pathOfName(name: string): string | null {
  const segments = name.split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) return null;
  return segments.map(encodeURIComponent).join('/');
}
