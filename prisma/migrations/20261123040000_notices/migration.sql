-- What a person is told, the channels that it leaves by, and each delivery.
CREATE TABLE "notice" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "urgent" BOOLEAN NOT NULL,
    "person" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "notice_person_key_key" ON "notice"("person", "key");
CREATE INDEX "notice_person_created_at_idx" ON "notice"("person", "created_at");

CREATE TABLE "notice_channel" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "person" TEXT,
    "endpoint" TEXT NOT NULL,
    "kinds" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_channel_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "notice_channel_person_idx" ON "notice_channel"("person");

CREATE TABLE "notice_delivery" (
    "id" UUID NOT NULL,
    "notice" UUID NOT NULL,
    "channel" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "next_at" TIMESTAMPTZ(3),

    CONSTRAINT "notice_delivery_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "notice_delivery_notice_fkey" FOREIGN KEY ("notice") REFERENCES "notice"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "notice_delivery_channel_fkey" FOREIGN KEY ("channel") REFERENCES "notice_channel"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "notice_delivery_notice_idx" ON "notice_delivery"("notice");
CREATE INDEX "notice_delivery_channel_created_at_idx" ON "notice_delivery"("channel", "created_at");
CREATE INDEX "notice_delivery_next_at_idx" ON "notice_delivery"("next_at");
