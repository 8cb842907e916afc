update jobs set state = 'active', lease_token = '0190aaaa-0000-7000-8000-000000000001', due_at = now() + interval '150 seconds' where id = (select id from jobs where due_at <= now() order by due_at, id limit 1 for update skip locked) returning id, payload \gset
update jobs set state = 'done', due_at = null, lease_token = null where id = :id;
