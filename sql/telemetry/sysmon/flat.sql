-- Sysmon events as flat JSON: one member per field, as NXLog and most EVTX converters write them.
-- `Hostname` or `Computer` is the machine; a `host` member is the collector that forwarded the event.
-- export: one row per event, every member as text.
SELECT
  * EXCLUDE (Hostname, Computer, RecordNumber, EventRecordID),
  coalesce(Hostname, Computer) AS Device,
  coalesce(RecordNumber, EventRecordID) AS Record
FROM export
