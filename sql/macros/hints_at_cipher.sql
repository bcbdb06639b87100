-- Whether text has anything of what a cipher's code looks like, or of a command line that may hide it: one cheap pattern
-- before the certain ones, since few texts have anything of it. It lets through all that they could match, also before
-- JSON's escapes are undone.
CREATE OR REPLACE TEMP MACRO hints_at_cipher(text) AS
  regexp_matches(
    text,
    '(?is)crypt|managed\b|(aes|tripledes|des)cng|symmetricalgorithm|securestring|25[56]|0x100|0xff|&hff|xor|\^'
      || '|blowfish|243f6a88|608135816|systemfunction03|openssl|7c.{0,10}77|124.{1,10}119|6a.{0,10}d5|58.{1,10}50.{1,10}42'
      || '|[-/–—―]e[a-z]*[\s\p{Z}:]+\\?["'']?[a-z0-9+/]{40}'
  );
