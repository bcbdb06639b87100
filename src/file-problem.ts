const WORDS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  EACCES: 'there is no permission',
  EPERM: 'there is no permission',
  EROFS: 'its disk is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
};

/** Why a file or folder cannot be read, made or written, in words; what the system said where there are none for it. */
export function fileProblem(error: unknown, what: 'file' | 'folder' = 'file'): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `there is no such ${what}`;
  if (code === 'EEXIST' && what === 'folder') return 'it is not a folder';
  if (code === 'ENOTDIR')
    return what === 'folder' ? 'it is not a folder' : 'a part of its path is not a folder';
  return WORDS[code] ?? message;
}
