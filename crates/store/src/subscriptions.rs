//! Change notifications: subscriptions, and the lines of what waits for their applications.
//!
//! Lines (`notification_queues`) hang on their subscription and rows (`notifications`) on their line, so that deleting the one deletes the other.

use app::Micros;
use app::model::{Channel, DueQueue, EncryptionCertificate, Notification, QueueKey, QueuedNotification, Subscription};
use app::notify::SubscriptionStore;
use app::ports::{StoreError, StoreResult};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction, query};

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const SUBSCRIPTION: &str = "subscription";
const NOTIFICATION: &str = "notification";

#[async_trait]
impl SubscriptionStore for SqlStore {
    async fn insert_subscription(&self, subscription: &Subscription) -> StoreResult<()> {
        let sql = "INSERT INTO subscriptions (id, application_id, creator_id, resource, thread_id, organizer_id, change_type, notification_url, \
             lifecycle_url, client_state, certificate_id, certificate_der, created_at, expires_at, reminded_at, removed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        query(sql)
            .bind(&subscription.id)
            .bind(&subscription.application_id)
            .bind(&subscription.creator_id)
            .bind(&subscription.resource)
            .bind(&subscription.thread_id)
            .bind(&subscription.organizer_id)
            .bind(&subscription.change_type)
            .bind(&subscription.notification_url)
            .bind(&subscription.lifecycle_url)
            .bind(&subscription.client_state)
            .bind(subscription.encryption.as_ref().map(|certificate| certificate.id.as_str()))
            .bind(subscription.encryption.as_ref().map(|certificate| certificate.der.as_str()))
            .bind(subscription.created)
            .bind(subscription.expires)
            .bind(subscription.reminded)
            .bind(subscription.removed)
            .execute(&self.writer)
            .await
            .map_err(failed(SUBSCRIPTION))?;
        Ok(())
    }

    async fn subscription(&self, id: &str) -> StoreResult<Option<Subscription>> {
        let found = query("SELECT * FROM subscriptions WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(SUBSCRIPTION))?.as_ref().map(read_subscription).transpose()
    }

    async fn subscriptions_of(&self, application_id: &str, now: Micros, skip: u32, top: u32) -> StoreResult<Vec<Subscription>> {
        let sql = "SELECT * FROM subscriptions WHERE application_id = $1 AND removed_at IS NULL AND expires_at > $2 ORDER BY created_at, id
            LIMIT $3 OFFSET $4";
        let rows = query(sql)
            .bind(application_id)
            .bind(now)
            .bind(i64::from(top))
            .bind(i64::from(skip))
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(SUBSCRIPTION))?.iter().map(read_subscription).collect()
    }

    async fn subscriptions_on(&self, thread_id: &str, now: Micros) -> StoreResult<Vec<Subscription>> {
        let sql = "SELECT * FROM subscriptions WHERE thread_id = $1 AND removed_at IS NULL AND expires_at > $2 ORDER BY id";
        let rows = query(sql).bind(thread_id).bind(now).fetch_all(&self.reader).await;
        rows.map_err(failed(SUBSCRIPTION))?.iter().map(read_subscription).collect()
    }

    async fn renew_subscription(&self, id: &str, expires: Micros, now: Micros) -> StoreResult<bool> {
        let sql = "UPDATE subscriptions SET reminded_at = CASE WHEN expires_at < $1 THEN NULL ELSE reminded_at END, expires_at = $2
            WHERE id = $3 AND removed_at IS NULL AND expires_at > $4";
        let done = query(sql)
            .bind(expires)
            .bind(expires)
            .bind(id)
            .bind(now)
            .execute(&self.writer)
            .await;
        Ok(done.map_err(failed(SUBSCRIPTION))?.rows_affected() == 1)
    }

    async fn delete_subscription(&self, id: &str) -> StoreResult<bool> {
        let done = query("DELETE FROM subscriptions WHERE id = $1 AND removed_at IS NULL")
            .bind(id)
            .execute(&self.writer)
            .await;
        Ok(done.map_err(failed(SUBSCRIPTION))?.rows_affected() == 1)
    }

    async fn remove_subscription(&self, id: &str, at: Micros, last: Option<&Notification>) -> StoreResult<bool> {
        let Some(last) = last else {
            return self.delete_subscription(id).await;
        };
        let mut transaction = self.writer.begin().await.map_err(failed(SUBSCRIPTION))?;
        let marked = query("UPDATE subscriptions SET removed_at = $1 WHERE id = $2 AND removed_at IS NULL")
            .bind(at)
            .bind(id)
            .execute(&mut *transaction)
            .await;
        if marked.map_err(failed(SUBSCRIPTION))?.rows_affected() != 1 {
            return Ok(false);
        }
        delete_queue(&mut transaction, &key(id, Channel::Changes)).await?;
        append(&mut transaction, &key(id, Channel::Lifecycle), last).await?;
        transaction.commit().await.map_err(failed(SUBSCRIPTION))?;
        Ok(true)
    }

    async fn remind_subscription(&self, id: &str, at: Micros, reminder: &Notification) -> StoreResult<bool> {
        let mut transaction = self.writer.begin().await.map_err(failed(SUBSCRIPTION))?;
        let sql = "UPDATE subscriptions SET reminded_at = $1 WHERE id = $2 AND removed_at IS NULL AND reminded_at IS NULL";
        let marked = query(sql).bind(at).bind(id).execute(&mut *transaction).await;
        if marked.map_err(failed(SUBSCRIPTION))?.rows_affected() != 1 {
            return Ok(false);
        }
        append(&mut transaction, &key(id, Channel::Lifecycle), reminder).await?;
        transaction.commit().await.map_err(failed(SUBSCRIPTION))?;
        Ok(true)
    }

    async fn expired_subscriptions(&self, now: Micros, top: u32) -> StoreResult<Vec<Subscription>> {
        let sql = "SELECT * FROM subscriptions WHERE expires_at <= $1 AND removed_at IS NULL ORDER BY expires_at LIMIT $2";
        let rows = query(sql).bind(now).bind(i64::from(top)).fetch_all(&self.reader).await;
        rows.map_err(failed(SUBSCRIPTION))?.iter().map(read_subscription).collect()
    }

    async fn unreminded_subscriptions(&self, before: Micros, top: u32) -> StoreResult<Vec<Subscription>> {
        let sql = "SELECT * FROM subscriptions WHERE expires_at < $1 AND removed_at IS NULL AND reminded_at IS NULL \
             AND lifecycle_url IS NOT NULL ORDER BY expires_at LIMIT $2";
        let rows = query(sql).bind(before).bind(i64::from(top)).fetch_all(&self.reader).await;
        rows.map_err(failed(SUBSCRIPTION))?.iter().map(read_subscription).collect()
    }

    async fn enqueue_notifications(&self, items: &[(QueueKey, Notification)], most: u32) -> StoreResult<Vec<QueueKey>> {
        let mut transaction = self.writer.begin().await.map_err(failed(NOTIFICATION))?;
        let mut full = Vec::new();
        for (key, notification) in items {
            let held = query("SELECT COUNT(*) AS held FROM notifications WHERE subscription_id = $1 AND channel = $2")
                .bind(&key.subscription_id)
                .bind(key.channel.name())
                .fetch_one(&mut *transaction)
                .await
                .map_err(failed(NOTIFICATION))?;
            if Read(&held, NOTIFICATION).get::<i64>("held")? >= i64::from(most) {
                full.push(key.clone());
            } else {
                append(&mut transaction, key, notification).await?;
            }
        }
        transaction.commit().await.map_err(failed(NOTIFICATION))?;
        Ok(full)
    }

    async fn due_queues(&self, now: Micros, top: u32) -> StoreResult<Vec<DueQueue>> {
        let sql = "SELECT subscription_id, channel, application_id, attempts, due_at FROM (\
             SELECT notification_queues.subscription_id, notification_queues.channel, subscriptions.application_id, notification_queues.attempts, \
             notification_queues.due_at, ROW_NUMBER() OVER (PARTITION BY subscriptions.application_id ORDER BY notification_queues.due_at) AS place \
             FROM notification_queues JOIN subscriptions ON subscriptions.id = notification_queues.subscription_id \
             WHERE notification_queues.due_at <= $1) AS waiting WHERE place <= $2 ORDER BY due_at, subscription_id, channel";
        let rows = query(sql).bind(now).bind(i64::from(top)).fetch_all(&self.reader).await;
        let read = |row: &AnyRow| {
            let row = Read(row, NOTIFICATION);
            Ok(DueQueue {
                key: key(&row.get::<String>("subscription_id")?, channel(&row.get::<String>("channel")?)?),
                application_id: row.get("application_id")?,
                attempts: u32::try_from(row.get::<i64>("attempts")?).unwrap_or(u32::MAX),
                due: row.get("due_at")?,
            })
        };
        rows.map_err(failed(NOTIFICATION))?.iter().map(read).collect()
    }

    async fn next_notification_work(&self, now: Micros, remind_ahead: Micros) -> StoreResult<Option<Micros>> {
        let sql = "SELECT MIN(moment) AS next FROM (SELECT MIN(due_at) AS moment FROM notification_queues WHERE due_at > $1 \
             UNION ALL SELECT MIN(expires_at) FROM subscriptions WHERE removed_at IS NULL AND expires_at > $2 \
             UNION ALL SELECT MIN(expires_at) - $3 FROM subscriptions WHERE removed_at IS NULL AND reminded_at IS NULL \
             AND lifecycle_url IS NOT NULL AND expires_at > $4) AS moments";
        let row = query(sql)
            .bind(now)
            .bind(now)
            .bind(remind_ahead)
            .bind(now.saturating_add(remind_ahead))
            .fetch_one(&self.reader)
            .await;
        Read(&row.map_err(failed(NOTIFICATION))?, NOTIFICATION).get("next")
    }

    async fn queued_notifications(&self, key: &QueueKey, top: u32) -> StoreResult<Vec<QueuedNotification>> {
        let rows = query("SELECT * FROM notifications WHERE subscription_id = $1 AND channel = $2 ORDER BY seq LIMIT $3")
            .bind(&key.subscription_id)
            .bind(key.channel.name())
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        let read = |row: &AnyRow| {
            let row = Read(row, NOTIFICATION);
            Ok(QueuedNotification {
                seq: row.get("seq")?,
                notification: Notification {
                    id: row.get("id")?,
                    notice: row.json("notice")?,
                    created: row.get("created_at")?,
                },
            })
        };
        rows.map_err(failed(NOTIFICATION))?.iter().map(read).collect()
    }

    async fn settle_notifications(&self, key: &QueueKey, seq: i64, attempts: u32, due: Micros) -> StoreResult<()> {
        let mut transaction = self.writer.begin().await.map_err(failed(NOTIFICATION))?;
        query("DELETE FROM notifications WHERE subscription_id = $1 AND channel = $2 AND seq <= $3")
            .bind(&key.subscription_id)
            .bind(key.channel.name())
            .bind(seq)
            .execute(&mut *transaction)
            .await
            .map_err(failed(NOTIFICATION))?;
        query("UPDATE notification_queues SET attempts = $1, due_at = $2 WHERE subscription_id = $3 AND channel = $4")
            .bind(i64::from(attempts))
            .bind(due)
            .bind(&key.subscription_id)
            .bind(key.channel.name())
            .execute(&mut *transaction)
            .await
            .map_err(failed(NOTIFICATION))?;
        for sql in [
            "DELETE FROM notification_queues WHERE subscription_id = $1 AND NOT EXISTS (SELECT 1 FROM notifications WHERE \
             notifications.subscription_id = notification_queues.subscription_id AND notifications.channel = notification_queues.channel)",
            "DELETE FROM subscriptions WHERE id = $1 AND removed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notification_queues WHERE \
             notification_queues.subscription_id = subscriptions.id)",
        ] {
            query(sql)
                .bind(&key.subscription_id)
                .execute(&mut *transaction)
                .await
                .map_err(failed(NOTIFICATION))?;
        }
        transaction.commit().await.map_err(failed(NOTIFICATION))
    }

    async fn postpone_queue(&self, key: &QueueKey, attempts: u32, due: Micros) -> StoreResult<()> {
        query("UPDATE notification_queues SET attempts = $1, due_at = $2 WHERE subscription_id = $3 AND channel = $4")
            .bind(i64::from(attempts))
            .bind(due)
            .bind(&key.subscription_id)
            .bind(key.channel.name())
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed(NOTIFICATION))
    }
}

/// Puts a row at the end of a line. A line of a subscription that was deleted meanwhile takes nothing.
async fn append(transaction: &mut Transaction<'_, Any>, key: &QueueKey, notification: &Notification) -> StoreResult<()> {
    let line = "INSERT INTO notification_queues (subscription_id, channel, attempts, due_at) \
         SELECT id, $1, 0, $2 FROM subscriptions WHERE id = $3 ON CONFLICT (subscription_id, channel) DO NOTHING";
    query(line)
        .bind(key.channel.name())
        .bind(notification.created)
        .bind(&key.subscription_id)
        .execute(&mut **transaction)
        .await
        .map_err(failed(NOTIFICATION))?;
    let row = "INSERT INTO notifications (subscription_id, channel, seq, id, notice, created_at) \
         SELECT subscription_id, channel, (SELECT COALESCE(MAX(seq), 0) + 1 FROM notifications WHERE subscription_id = $1 AND channel = $2), \
         $3, $4, $5 FROM notification_queues WHERE subscription_id = $6 AND channel = $7";
    query(row)
        .bind(&key.subscription_id)
        .bind(key.channel.name())
        .bind(&notification.id)
        .bind(json(NOTIFICATION, &notification.notice)?)
        .bind(notification.created)
        .bind(&key.subscription_id)
        .bind(key.channel.name())
        .execute(&mut **transaction)
        .await
        .map_err(failed(NOTIFICATION))?;
    Ok(())
}

async fn delete_queue(transaction: &mut Transaction<'_, Any>, key: &QueueKey) -> StoreResult<()> {
    query("DELETE FROM notification_queues WHERE subscription_id = $1 AND channel = $2")
        .bind(&key.subscription_id)
        .bind(key.channel.name())
        .execute(&mut **transaction)
        .await
        .map(drop)
        .map_err(failed(NOTIFICATION))
}

fn key(subscription_id: &str, channel: Channel) -> QueueKey {
    QueueKey {
        subscription_id: subscription_id.to_owned(),
        channel,
    }
}

fn channel(name: &str) -> StoreResult<Channel> {
    Channel::named(name).ok_or_else(|| StoreError::Corrupt {
        what: NOTIFICATION,
        reason: format!("there is no channel {name}"),
    })
}

fn read_subscription(row: &AnyRow) -> StoreResult<Subscription> {
    let row = Read(row, SUBSCRIPTION);
    let certificate = row
        .get::<Option<String>>("certificate_id")?
        .zip(row.get::<Option<String>>("certificate_der")?);
    Ok(Subscription {
        id: row.get("id")?,
        application_id: row.get("application_id")?,
        creator_id: row.get("creator_id")?,
        resource: row.get("resource")?,
        thread_id: row.get("thread_id")?,
        organizer_id: row.get("organizer_id")?,
        change_type: row.get("change_type")?,
        notification_url: row.get("notification_url")?,
        lifecycle_url: row.get("lifecycle_url")?,
        client_state: row.get("client_state")?,
        encryption: certificate.map(|(id, der)| EncryptionCertificate { id, der }),
        created: row.get("created_at")?,
        expires: row.get("expires_at")?,
        reminded: row.get("reminded_at")?,
        removed: row.get("removed_at")?,
    })
}
