-- Sysmon events as Winlogbeat writes them: the event's own fields under winlog.event_data.
-- winlog.computer_name is the machine; host.name is the collector where events are forwarded.
-- export: one row per event.
-- https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog
SELECT
  unnest(winlog.event_data),
  winlog.event_id AS EventID,
  winlog.computer_name AS Device,
  winlog.record_id AS Record
FROM export
