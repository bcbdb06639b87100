-- Whether text has anything of what a cipher's code looks like: one cheap pattern before the certain ones, since few
-- texts have anything of it.
CREATE OR REPLACE TEMP MACRO hints_at_cipher(text) AS
  regexp_matches(
    text,
    '(?i)cryptoserviceprovider|managed|createdecryptor|createencryptor|256|bxor|xor|blowfish|crypt|systemfunction03|openssl'
  );
