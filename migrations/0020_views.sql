-- Views for people's own SQL, beside v_ledger; their columns stay.

-- Each usage event with the span and the delivery that it lies in.
CREATE VIEW v_usage AS
SELECT COALESCE(n.name, lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-' || substr(hex(e.id), 13, 4)
                        || '-' || substr(hex(e.id), 17, 4) || '-' || substr(hex(e.id), 21))) AS event,
       c.id AS customer, m.key AS meter, e.quantity,
       strftime('%Y-%m-%dT%H:%M:%S', e.at / 1000000, 'unixepoch')
         || CASE e.at % 1000000 WHEN 0 THEN '' ELSE rtrim(printf('.%06d', e.at % 1000000), '0') END || 'Z' AS at,
       strftime('%Y-%m-%dT%H:%M:%SZ', e.recorded_at, 'unixepoch') AS recorded_at,
       a.key AS action, u.id AS user, e.run AS import_run, e.line, s.span, s.exempt AS exempt_reason, e.over_quota,
       (SELECT d.delivery FROM delivery d
        WHERE d.customer = e.customer AND d.meter = e.meter
          AND d.from_at BETWEEN e.at / 1000000 - 86400 AND e.at / 1000000 AND d.to_at > e.at / 1000000
          AND d.after_seq < e.seq AND e.seq <= d.upto_seq AND d.state NOT IN ('lost', 'cancelled', 'replaced')) AS delivery,
       CASE WHEN v.id IS NOT NULL THEN lower(substr(hex(v.id), 1, 8) || '-' || substr(hex(v.id), 9, 4) || '-' || substr(hex(v.id), 13, 4)
             || '-' || substr(hex(v.id), 17, 4) || '-' || substr(hex(v.id), 21)) END AS voided_by
FROM usage_event e
JOIN customer c ON c.customer = e.customer
JOIN meter m ON m.meter = e.meter
LEFT JOIN usage_event_name n ON n.seq = e.seq
LEFT JOIN action a ON a.action = e.action
LEFT JOIN end_user u ON u.end_user = e.end_user
LEFT JOIN usage_event v ON v.voids = e.seq
LEFT JOIN span s ON s.customer = e.customer AND s.meter = e.meter
      AND s.from_at <= e.at / 1000000 AND s.to_at > e.at / 1000000;

-- Each meter event of ours.
CREATE VIEW v_deliveries AS
SELECT d.delivery, d.identifier, c.id AS customer, d.cus, m.key AS meter,
       strftime('%Y-%m-%dT%H:%M:%SZ', d.from_at, 'unixepoch') AS "from",
       strftime('%Y-%m-%dT%H:%M:%SZ', d.to_at, 'unixepoch') AS "to",
       d.after_seq, d.upto_seq, d.value,
       strftime('%Y-%m-%dT%H:%M:%SZ', d.timestamp, 'unixepoch') AS timestamp,
       d.state, d.attempts,
       strftime('%Y-%m-%dT%H:%M:%SZ', d.first_attempt, 'unixepoch') AS first_attempt,
       strftime('%Y-%m-%dT%H:%M:%SZ', d.accepted_at, 'unixepoch') AS accepted_at,
       d.last_error, d.request_id
FROM delivery d
JOIN customer c ON c.customer = d.customer
JOIN meter m ON m.meter = d.meter;
