-- Defender XDR's streaming API: one event per row, {time, tenantId, operationName, category, properties}.
-- The advanced-hunting row is `properties`, its Timestamp the event's time; `time` is when Defender sent it.
-- export: one row per event, with `wanted`, the category of the table that is asked for.
-- https://learn.microsoft.com/defender-xdr/streaming-api
SELECT unnest(properties)
FROM export
WHERE category = wanted
