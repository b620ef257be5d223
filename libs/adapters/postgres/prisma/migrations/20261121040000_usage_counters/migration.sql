-- What a user holds is counted in the user's row: a quota costs the same however much there is.
ALTER TABLE users
  ADD COLUMN deployments integer NOT NULL DEFAULT 0,
  ADD COLUMN replicas    bigint  NOT NULL DEFAULT 0;
ALTER TABLE users SET (fillfactor = 50);

UPDATE users u
   SET deployments = held.deployments, replicas = held.replicas
  FROM (SELECT user_id, count(*) AS deployments, sum(replicas) AS replicas
          FROM identifiers
         WHERE released_at IS NULL
         GROUP BY user_id) held
 WHERE held.user_id = u.id;

DROP INDEX identifiers_held_idx;
