-- Azure Event Hubs and storage accounts batch the streaming API's events into objects {"records": [event, …]}.
-- export: one row per object. Gives one row per event.
-- https://learn.microsoft.com/defender-xdr/streaming-api-event-hub
SELECT unnest(event)
FROM (
  SELECT unnest(records) AS event
  FROM export
)
