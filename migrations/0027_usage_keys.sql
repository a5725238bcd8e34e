-- Ids of usage events by numbers that are made of them: millions of new ones are compared as numbers, and take less than
-- two thirds of the space.

DROP TRIGGER usage_id_is_immutable;
DROP TRIGGER usage_id_is_kept;
ALTER TABLE usage_id RENAME TO usage_id_before;

-- Which event has an id. key: 63 bits made of id and meter (usage_id_key); where another event has that, the next free one.
-- So an id is looked for from its number on, until there is a gap, by comparing it with those of the events found.
CREATE TABLE usage_id (
  key  INTEGER PRIMARY KEY,
  seq  INTEGER NOT NULL
) STRICT;
CREATE TRIGGER usage_id_is_immutable BEFORE UPDATE ON usage_id
BEGIN SELECT RAISE(ABORT, 'an id keeps its event'); END;
CREATE TRIGGER usage_id_is_kept BEFORE DELETE ON usage_id
BEGIN SELECT RAISE(ABORT, 'ids of usage are kept'); END;

-- It is filled from usage_id_before, which goes then.
