/*
id: t1573.001/cipher-artefacts
title: Cipher implementation artefacts in command lines, scripts and image loads
description: >-
  Implants that bring a cipher of their own leave it where the sensor looks: .NET cipher classes with a key in the
  text, the loops of RC4, XOR over byte arrays, the tables of AES, DES and Blowfish, Windows' cipher functions called from
  a script, openssl enc on a workstation, a cryptography library in a script host. Commands that PowerShell takes in
  Base64 are read as well. One row per process, with what was seen of it and an excerpt.
technique: { id: T1573.001, name: "Encrypted Channel: Symmetric Cryptography" }
tactic: { id: TA0011, name: Command and Control }
severity: medium
confidence: medium
tables:
  DeviceProcessEvents:
    [Timestamp, DeviceName, ActionType, FileName, ProcessCommandLine, AccountName, SHA256, ProcessId, ProcessCreationTime]
  DeviceEvents:
    [Timestamp, DeviceName, ActionType, AdditionalFields, InitiatingProcessId, InitiatingProcessFileName,
     InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256, InitiatingProcessCreationTime]
  DeviceImageLoadEvents:
    [Timestamp, DeviceName, FileName, InitiatingProcessId, InitiatingProcessFileName, InitiatingProcessCommandLine,
     InitiatingProcessAccountName, InitiatingProcessSHA256, InitiatingProcessCreationTime]
optional_tables: [DeviceProcessEvents, DeviceEvents, DeviceImageLoadEvents]
macros: [hints_at_cipher, told_text]
extractions:
  command_lines: {}
  scripts: {}
  loaded: { script_hosts: selects, script_host_libraries: selects }
finding:
  identity: [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256, ProcessId, ProcessCreationTime]
  first: FirstSeen
  last: LastSeen
parameters:
  script_hosts:
    type: list of string
    description: Script hosts that have little reason to load script_host_libraries, in any casing
    default: [wscript.exe, cscript.exe, mshta.exe]
  script_host_libraries:
    type: list of string
    description: File names of cryptography libraries, in any casing
    default: [bcrypt.dll, ncrypt.dll, rsaenh.dll, dssenh.dll]
  since: { type: datetime, description: Only events at or after this instant, default: null }
  until: { type: datetime, description: Only events before this instant, default: null }
  lookback: { type: timespan, description: Only events later than now less this, default: null }
  now: { type: datetime, description: The instant that lookback counts from; the start of the run unless set, default: null }
false_positives:
  - Administrators' scripts that encrypt a file or a password, and modules that do it for them
  - Checksums and toys written out in scripts, which XOR bytes as well
  - Security products that scan or emulate scripts, and tests of red teams
  - Script hosts that verify a signature or open an https address load a cryptography library for that
blind_spots:
  - Ciphers in compiled programs, and scripts that are packed, or cut into pieces, before the sensor sees them; of what is
    encoded, all but PowerShell's own -EncodedCommand, and of that what has characters beyond ASCII
  - Names that an obfuscator has replaced; scripts of hosts that hand nothing to AMSI
  - Command lines that are longer than the sensor records
references:
  - https://attack.mitre.org/techniques/T1573/001/
  - https://attack.mitre.org/techniques/T1027/013/
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceevents-table
  - https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceprocessevents-table
  - https://learn.microsoft.com/dotnet/api/system.security.cryptography.symmetricalgorithm
  - >-
    Stealth Falcon, whose Office macros start PowerShell that encrypts its channel with RC4 under a key in the script.
    Citizen Lab, Keep Calm and (Don't) Enable Macros: A New Threat Actor Targets UAE Dissidents.
    https://citizenlab.ca/2016/05/stealth-falcon/
  - POWERTON, a PowerShell backdoor whose channel is encrypted with AES. MITRE ATT&CK, Software. https://attack.mitre.org/software/S0371/
  - >-
    Helminth, in its form of VBScript and PowerShell, whose channel is encrypted with RC4. MITRE ATT&CK, Software.
    https://attack.mitre.org/software/S0170/
  - >-
    SMOKEDHAM, .NET code that PowerShell loads from its own text, whose channel is encrypted with RC4. MITRE ATT&CK, Software.
    https://attack.mitre.org/software/S0649/
created: 2026-11-24
updated: 2026-11-30
*/

WITH
-- Step 1: all text that a process is told: its command line, and the scripts that PowerShell and AMSI report. Of both,
-- what hints at a cipher. A creation time of 1601 is what sensors write that have none.
command_lines AS (
  SELECT
    DeviceName,
    ProcessId,
    nullif(ProcessCreationTime, TIMESTAMP '1601-01-01') AS ProcessCreationTime,
    FileName AS ProcessName,
    ProcessCommandLine AS ProcessCmd,
    AccountName,
    SHA256 AS ProcessSHA256,
    Timestamp AS Time,
    ProcessCommandLine AS Text
  FROM DeviceProcessEvents
  WHERE ActionType = 'ProcessCreated'
    AND hints_at_cipher(ProcessCommandLine)
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),
scripts AS (
  SELECT
    DeviceName,
    InitiatingProcessId AS ProcessId,
    nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01') AS ProcessCreationTime,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessCommandLine AS ProcessCmd,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessSHA256 AS ProcessSHA256,
    Timestamp AS Time,
    CAST(AdditionalFields AS VARCHAR) AS Text
  FROM DeviceEvents
  WHERE ActionType IN ('PowerShellCommand', 'ScriptContent', 'AmsiScriptContent', 'AmsiScriptDetection')
    AND hints_at_cipher(CAST(AdditionalFields AS VARCHAR))
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),

-- Step 2: what a cipher looks like in text.
suspected AS (
  SELECT * REPLACE (told_text(Text) AS Text)
  FROM command_lines
  UNION ALL
  SELECT * REPLACE (told_text(script_text(Text)) AS Text)
  FROM scripts
),
told AS (
  SELECT
    *,
    list_filter(
      [
        CASE
          WHEN regexp_matches(Text, '(?i)\b(Rijndael|Aes|TripleDES|DES|RC2)(Managed|CryptoServiceProvider|Cng)\b|Cryptography\.(Aes|AesGcm|AesCcm|Rijndael|TripleDES|DES|RC2|ChaCha20Poly1305)\b|SymmetricAlgorithm\]?(::|\.)Create')
            AND regexp_matches(Text, '(?i)FromBase64String|Create(De|En)cryptor|\bKey\s*=|GetBytes\s*\(|DeriveBytes')
            THEN '.NET cipher with a key'
        END,
        CASE
          WHEN regexp_matches(Text, '(?i)ConvertTo-SecureString\b[^|;]*-k(e|ey)?[\s:]+[(@]*(\[byte\[\]\])?[\s(@]*[0-9]+\s*(,|\.\.)\s*[0-9]')
            THEN 'SecureString with a key'
        END,
        -- A table of 256 bytes, filled by a key that begins anew at its end, and XOR. Counting modulo 256 alone is in
        -- reckoning with IPv4 addresses, masking by 255 alone in checksums.
        CASE
          WHEN regexp_matches(Text, '(?i)0\s*\.\.\s*255|<\s*(256|0x100)|<=\s*(255|0xff)|-lt\s+(256|0x100)|-le\s+(255|0xff)|\bto\s+(255|&HFF)|range\(\s*(0\s*,\s*)?256\s*\)')
            AND regexp_matches(Text, '(?i)bxor|\bxor\b|[\])]\s*\^|\^=|[0-9a-z_]\s\^\s?[0-9a-z_]')
            AND (
              regexp_matches(Text, '(?i)(%|\bmod)\s*(256|0x100)\b')
              OR (regexp_matches(Text, '(?i)(-band|&|\band)\s*(255|0xff|&HFF)\b') AND regexp_matches(Text, '(?i)(%|\bmod)\s*\(?\s*[0-9a-z_$.:\[\]]*(length|count|len|size)'))
            )
            THEN 'RC4 key schedule'
        END,
        CASE
          WHEN regexp_matches(Text, '(?i)bxor|\bxor\b|[\])]\s*\^|\^=|[0-9a-z_]\s\^\s?[0-9a-z_]')
            AND regexp_matches(Text, '(?i)byte\s*\[|bytearray|\bbytes\(|GetBytes|ReadAllBytes|FromBase64String|\.(Length|Count)\s*\]|charCodeAt|fromCharCode|\bord\s*\(|\bAsc[BW]?\s*\(|ToCharArray')
            THEN 'XOR over bytes'
        END,
        -- By its name where that is code, and by the first of its words, the digits of pi.
        CASE
          WHEN regexp_matches(Text, '(?i)blowfish[^0-9a-z]{0,3}(\(|engine|cipher|key|ecb|cbc|cfb|managed)|\b(new|import|using|require|cipher|crypto[0-9a-z_]*)[^0-9a-z]{1,8}([0-9a-z_]+[.:\\/]+)*blowfish|(0x|&H)243f6a88|\b608135816\b')
            THEN 'Blowfish'
        END,
        -- The first bytes of its S-box or of the inverse one.
        CASE
          WHEN regexp_matches(Text, '(?i)63[^0-9a-z]{0,4}(0x|&h)?7c[^0-9a-z]{0,4}(0x|&h)?77[^0-9a-z]{0,4}(0x|&h)?7b|\b99[^0-9a-z]{1,4}124[^0-9a-z]{1,4}119[^0-9a-z]{1,4}123\b|52[^0-9a-z]{0,4}(0x|&h)?0?9[^0-9a-z]{0,4}(0x|&h)?6a[^0-9a-z]{0,4}(0x|&h)?d5')
            THEN 'AES tables'
        END,
        -- The first row of its initial permutation.
        CASE WHEN regexp_matches(Text, '(?i)\b58[^0-9a-z]{1,4}50[^0-9a-z]{1,4}42[^0-9a-z]{1,4}34[^0-9a-z]{1,4}26[^0-9a-z]{1,4}18[^0-9a-z]{1,4}10[^0-9a-z]{1,4}2\b') THEN 'DES tables' END,
        CASE
          WHEN regexp_matches(Text, '(?i)\b(SystemFunction03[23]|CryptDeriveKey|CryptImportKey|CryptDecrypt|CryptEncrypt|BCryptDecrypt|BCryptEncrypt|BCryptGenerateSymmetricKey)\b')
            THEN 'Windows cipher functions called by name'
        END,
        CASE
          WHEN regexp_matches(Text, '(?i)\bopenssl(\.exe)?["'']?\s+(enc|aes-?[0-9]+-[0-9a-z_]+|aria-?[0-9]+-[0-9a-z_]+|camellia-?[0-9]+-[0-9a-z_]+|chacha20|rc[24]|des3?|bf|blowfish|cast5?|idea|seed|sm4)\b')
            THEN 'openssl enc'
        END
      ],
      lambda artefact: artefact IS NOT NULL
    ) AS Artefacts,
    -- What is around the first clue of a cipher.
    substr(
      coalesce(
        nullif(
          regexp_extract(
            Text,
            '(?is).{0,60}(Rijndael|Cryptography|SymmetricAlgorithm|CryptoServiceProvider|(Aes|DES)(Managed|Cng)|SecureString|(%|\bmod)\s*(256|0x100)|(-band|&|\band)\s*(255|0xff|&HFF)|xor|[\])]\s*\^|\^=|[0-9a-z_]\s\^\s?[0-9a-z_]|blowfish|243f6a88|608135816|7c[^0-9a-z]{0,4}(0x|&h)?77|124[^0-9a-z]{1,4}119|6a[^0-9a-z]{0,4}(0x|&h)?d5|58[^0-9a-z]{1,4}50|SystemFunction03|Crypt(Derive|Import)Key|CryptDecrypt|CryptEncrypt|BCryptGenerate|openssl).{0,140}'
          ),
          ''
        ),
        Text
      ),
      1, 200
    ) AS Excerpt
  FROM suspected
),

-- Step 3: cryptography libraries in script hosts.
loaded AS (
  SELECT
    DeviceName,
    InitiatingProcessId AS ProcessId,
    nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01') AS ProcessCreationTime,
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessCommandLine AS ProcessCmd,
    InitiatingProcessAccountName AS AccountName,
    InitiatingProcessSHA256 AS ProcessSHA256,
    Timestamp AS Time,
    FileName AS Excerpt,
    'cryptography library in a script host' AS Artefact
  FROM DeviceImageLoadEvents
  WHERE lower(FileName) IN list_transform($script_host_libraries, lambda name: lower(name))
    AND lower(InitiatingProcessFileName) IN list_transform($script_hosts, lambda name: lower(name))
    AND ($since IS NULL OR Timestamp >= $since)
    AND ($until IS NULL OR Timestamp < $until)
    AND ($lookback IS NULL OR Timestamp > $now::TIMESTAMP - $lookback::INTERVAL)
),
seen AS (
  SELECT * EXCLUDE (Text, Artefacts), unnest(Artefacts) AS Artefact
  FROM told
  UNION ALL BY NAME
  SELECT *
  FROM loaded
),

-- Step 4: one row per process.
findings AS (
  SELECT
    DeviceName,
    ProcessName,
    ProcessCmd,
    AccountName,
    ProcessSHA256,
    ProcessId,
    ProcessCreationTime,
    array_agg(DISTINCT Artefact ORDER BY Artefact) AS Artefacts,
    min(Excerpt) AS Excerpt,
    count(*) AS ArtefactCount,
    min(Time) AS FirstSeen,
    max(Time) AS LastSeen
  FROM seen
  GROUP BY ALL
)

-- answer
SELECT *
FROM findings
ORDER BY
  Artefacts = ['cryptography library in a script host'],
  len(Artefacts) DESC,
  ArtefactCount DESC,
  DeviceName,
  ProcessName,
  ProcessCmd,
  AccountName,
  ProcessSHA256,
  ProcessId,
  ProcessCreationTime
