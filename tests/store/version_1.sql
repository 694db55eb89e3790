-- A store as version 1 left it, written down once and never changed: two batches, the second undone.
create type status as enum ('A', 'E', 'I', 'P', 'M', 'B');
create table meta (key text, value text);
create table entity (id integer, code text);
create table period (id integer, code text);
create table scenario (id integer, code text);
create table indicator (id integer, code text, unit text, low double, high double);
create table batch (number integer, source text, series text, vintage date, loaded timestamp, actor text,
  file text, file_hash text, recipe text, rows_hash text, facts bigint, undone timestamp, undone_by text default '');
create table fact (entity integer, period integer, indicator integer, scenario integer, value double,
  status status, batch integer, sheet smallint, "row" integer, col smallint);
create table sheet (batch integer, id smallint, name text);
create table reading (batch integer, sheet smallint, col smallint, unit text, factor double);
create table ties (origin integer, target integer, period text, indicator text, value double,
  unit text, source text, vintage text, batch integer);
create table log (number bigint, "case" text, "time" text, actor text, event text, detail text);
insert into meta values ('id', '0123456789abcdef0123456789abcdef'), ('version', '1');
insert into entity values (0, '150600'), (1, '140200');
insert into period values (0, '2023');
insert into scenario values (0, 'actual');
insert into indicator values (0, 'gdp', '亿元', 0, null);
insert into batch values
  (1, 'yearbook', 'yearbook', date '2024-11-01', timestamp '2024-12-01 08:00:00', 'wang', '年鉴.xlsx', 'ab', 'table',
   'c0', 2, null, ''),
  (2, 'yearbook', 'yearbook', date '2025-11-01', timestamp '2025-12-01 08:00:00', 'wang', '年鉴.xlsx', 'cd', 'table',
   'c1', 1, timestamp '2025-12-02 08:00:00', 'li');
insert into fact values
  (0, 0, 0, 0, 5849.86, 'A', 1, 1, 4, 2), (1, 0, 0, 0, null, 'M', 1, 1, 5, 2), (0, 0, 0, 0, 1.0, 'A', 2, null, null, null);
insert into sheet values (1, 1, '表1');
insert into log values (1, 'batch:1', '2024-12-01T08:00:00+00:00', 'wang', 'loaded', '{}');
