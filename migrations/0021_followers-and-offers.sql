ALTER TABLE "container_instances" ADD COLUMN "follower_id" uuid;--> statement-breakpoint
ALTER TABLE "container_instances" ADD COLUMN "told_change" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "project_members" ADD COLUMN "offered_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "project_members_offer" ON "project_members" USING btree ("project_id") WHERE "project_members"."offered_at" is not null;