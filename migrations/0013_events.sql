-- Whoever writes these rows, on whichever server, everybody who may see them is told of it when the transaction is committed.
CREATE FUNCTION "publish_event"("type" text, "project_id" uuid, "data" json) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('berth_events', json_build_object('type', "type", 'project', json_build_object('id', id, 'owner', user_id), 'data', "data")::text)
  FROM "projects" WHERE id = "project_id"
$$;
--> statement-breakpoint
CREATE FUNCTION "publish_project_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "publish_event"('project', NEW.id, json_build_object(
    'action', CASE WHEN TG_OP = 'INSERT' THEN 'created' WHEN NEW.deleted_at IS NOT NULL THEN 'deleted' ELSE 'updated' END,
    'project', json_build_object('id', NEW.id, 'name', NEW.name, 'runtime', NEW.runtime, 'status', NEW.status, 'error', left(NEW.error, 500))
  ));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "publish_clone_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "publish_event"('clone', NEW.project_id, json_build_object(
    'projectId', NEW.project_id, 'status', NEW.status, 'commit', NEW.commit, 'error', left(NEW.error, 500)
  ));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "publish_snapshot_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "publish_event"('snapshot', coalesce(NEW.project_id, OLD.project_id), json_build_object(
    'action', CASE WHEN NEW.project_id IS NULL THEN 'deleted' ELSE 'created' END,
    'projectId', coalesce(NEW.project_id, OLD.project_id),
    'snapshot', json_build_object('id', NEW.id, 'name', NEW.name, 'kind', NEW.kind)
  ));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "project_created" AFTER INSERT ON "projects" FOR EACH ROW EXECUTE FUNCTION "publish_project_event"();
--> statement-breakpoint
-- Not of what changes with every lease and every keystroke, nor of what its owner has deleted before.
CREATE TRIGGER "project_updated" AFTER UPDATE ON "projects" FOR EACH ROW
  WHEN (OLD.deleted_at IS NULL AND (OLD.name, OLD.status, OLD.error, OLD.previews, OLD.network, OLD.memory_bytes, OLD.cpus, OLD.deleted_at)
    IS DISTINCT FROM (NEW.name, NEW.status, NEW.error, NEW.previews, NEW.network, NEW.memory_bytes, NEW.cpus, NEW.deleted_at))
  EXECUTE FUNCTION "publish_project_event"();
--> statement-breakpoint
CREATE TRIGGER "clone_begun" AFTER INSERT ON "project_clones" FOR EACH ROW EXECUTE FUNCTION "publish_clone_event"();
--> statement-breakpoint
CREATE TRIGGER "clone_ended" AFTER UPDATE ON "project_clones" FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION "publish_clone_event"();
--> statement-breakpoint
-- A pending one is nobody's to see, and one of a deleted project is gone with that.
CREATE TRIGGER "snapshot_copied" AFTER INSERT ON "snapshots" FOR EACH ROW
  WHEN (NEW.state = 'complete' AND NEW.project_id IS NOT NULL) EXECUTE FUNCTION "publish_snapshot_event"();
--> statement-breakpoint
CREATE TRIGGER "snapshot_changed" AFTER UPDATE ON "snapshots" FOR EACH ROW
  WHEN (NEW.state = 'complete' AND OLD.project_id IS NOT NULL AND (OLD.state <> NEW.state OR NEW.project_id IS NULL)) EXECUTE FUNCTION "publish_snapshot_event"();
