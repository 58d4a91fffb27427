import { readdirSync, readFileSync } from 'node:fs';

export interface DocumentFile {
  readonly file: string;
  readonly text: string;
}

/** The documentation of the packages this project depends on, up to `size` UTF-16 units. */
export function readDocumentation(size: number): DocumentFile[] {
  const root = new URL('../../../node_modules/', import.meta.url);
  const folders = readdirSync(root).flatMap((name) =>
    name.startsWith('@') ? readdirSync(new URL(name, root)).map((inner) => `${name}/${inner}`) : [name],
  );
  const documents: DocumentFile[] = [];
  let read = 0;
  for (const folder of folders) {
    const file = `${folder}/README.md`;
    let text: string;
    try {
      text = readFileSync(new URL(file, root), 'utf8');
    } catch {
      continue;
    }
    documents.push({ file, text });
    read += text.length;
    if (read > size) break;
  }
  return documents;
}
