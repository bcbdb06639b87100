import { type FileFacts, factsOf } from './images.ts';
import type { Random } from './random.ts';

/** A DLL as a load records it. */
export interface Library extends FileFacts {
  readonly fileName: string;
  readonly path: string;
}

/** A DLL of System32, its name in the letters that the loader was given: case is the caller's, content is the file's. */
export function systemLibrary(fileName: string): Library {
  const known = libraries.get(fileName);
  if (known) return known;
  const path = `C:\\Windows\\System32\\${fileName}`;
  const library = { fileName, path, ...factsOf(path) };
  libraries.set(fileName, library);
  return library;
}

/** The DLLs that a starting process loads, in order: some crypto libraries among many others. */
export function startupLibraries(random: Random, count: number): Library[] {
  const names = [...STARTUP, ...random.some(ORDINARY, count - STARTUP.length)];
  return names.map((name) => systemLibrary(random.chance(0.04) ? name.toUpperCase() : name));
}

/** One of the five libraries that the detection watches, as likely and as variously spelled as in real logs. */
export function cryptoLibrary(random: Random): Library {
  return systemLibrary(random.weighted(CRYPTO).name);
}

const CRYPTO = [
  { name: 'bcryptprimitives.dll', weight: 40 },
  { name: 'bcrypt.dll', weight: 26 },
  { name: 'cryptsp.dll', weight: 10 },
  { name: 'rsaenh.dll', weight: 9 },
  { name: 'ncrypt.dll', weight: 6 },
  { name: 'bcryptPrimitives.dll', weight: 4 },
  { name: 'CRYPTSP.dll', weight: 3 },
  { name: 'BCRYPT.DLL', weight: 1 },
  { name: 'RSAENH.dll', weight: 1 },
];

const STARTUP = ['ntdll.dll', 'kernel32.dll', 'KernelBase.dll', 'ucrtbase.dll', 'rpcrt4.dll', 'sechost.dll'];

const ORDINARY = [
  'advapi32.dll',
  'amsi.dll',
  'apphelp.dll',
  'cfgmgr32.dll',
  'clbcatq.dll',
  'combase.dll',
  'comctl32.dll',
  'coml2.dll',
  'crypt32.dll',
  'cryptbase.dll',
  'dbghelp.dll',
  'dhcpcsvc.dll',
  'dnsapi.dll',
  'dpapi.dll',
  'dwmapi.dll',
  'edputil.dll',
  'FWPUCLNT.DLL',
  'gdi32.dll',
  'gdi32full.dll',
  'gpapi.dll',
  'imm32.dll',
  'IPHLPAPI.DLL',
  'msasn1.dll',
  'mscoree.dll',
  'msctf.dll',
  'msvcp_win.dll',
  'msvcrt.dll',
  'mswsock.dll',
  'netapi32.dll',
  'netprofm.dll',
  'netutils.dll',
  'nsi.dll',
  'ole32.dll',
  'oleaut32.dll',
  'OnDemandConnRouteHelper.dll',
  'policymanager.dll',
  'powrprof.dll',
  'profapi.dll',
  'propsys.dll',
  'psapi.dll',
  'rasadhlp.dll',
  'schannel.dll',
  'SHCore.dll',
  'shell32.dll',
  'shlwapi.dll',
  'srvcli.dll',
  'sspicli.dll',
  'urlmon.dll',
  'user32.dll',
  'userenv.dll',
  'uxtheme.dll',
  'version.dll',
  'webio.dll',
  'win32u.dll',
  'windows.storage.dll',
  'WinHTTP.dll',
  'wininet.dll',
  'winsta.dll',
  'wintrust.dll',
  'wkscli.dll',
  'wldp.dll',
  'ws2_32.dll',
  'wtsapi32.dll',
];

const libraries = new Map<string, Library>();
