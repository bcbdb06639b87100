-- What a process was told, as a reader would have it.

-- The text of a script out of AdditionalFields, which are JSON: a line or a tab is a space, a quote is a quote. Escaped
-- backslashes wait as character 1, so that the n of C:\\new is no new line. What is no JSON stays as it is.
CREATE OR REPLACE TEMP MACRO unescaped_json(text) AS
  replace(
    regexp_replace(
      regexp_replace(
        regexp_replace(
          regexp_replace(
            regexp_replace(
              regexp_replace(
                regexp_replace(replace(text, '\\', chr(1)), '\\([bfnrt]|u000[89acd])', ' ', 'gi'),
                '\\u0026', '&', 'g'
              ),
              '\\u003c', '<', 'gi'
            ),
            '\\u003e', '>', 'gi'
          ),
          '\\u002b', '+', 'gi'
        ),
        '\\("|u0022)', '"', 'g'
      ),
      '\\u0027', '''', 'g'
    ),
    chr(1), '\'
  );
CREATE OR REPLACE TEMP MACRO script_text(text) AS
  CASE WHEN starts_with(text, '{') THEN unescaped_json(text) ELSE text END;

-- The command that PowerShell takes in Base64 of UTF-16, '' where there is none or it is no ASCII: of what the sensor cut off,
-- the whole groups of four.
-- https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_powershell_exe
CREATE OR REPLACE TEMP MACRO encoded_command(text) AS
  regexp_extract(text, '(?i)[-/–—―]e[a-z]*[\s:]+["'']?([a-z0-9+/]{40,}={0,2})', 1);
CREATE OR REPLACE TEMP MACRO decoded_command(text) AS
  list_transform(
    [encoded_command(text)],
    lambda code: CASE
      WHEN code = '' THEN ''
      ELSE coalesce(replace(try(decode(from_base64(substr(code, 1, len(code) - len(code) % 4)))), chr(0), ''), '')
    END
  )[1];

-- A text, all its spaces plain, with the command that it carries encoded.
CREATE OR REPLACE TEMP MACRO told_text(text) AS
  list_transform(
    [regexp_replace(text, '[\v\x{85}\p{Z}]', ' ', 'g')],
    lambda told: told || list_transform([decoded_command(told)], lambda code: if(code = '', '', ' ' || code))[1]
  )[1];
