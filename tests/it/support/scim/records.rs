//! What a server's database holds.

use scimgate::model::Change;
use scimgate::store::ChangeFilter;
use serde_json::Value;
use tokio_postgres::NoTls;

use super::Scim;

impl Scim {
    /// The tenant's changes, in order.
    pub async fn changes(&self) -> Vec<Change> {
        let everything = ChangeFilter { action: None, from: None, to: None, limit: 1_000 };
        let mut changes = self.store().tenant(self.tenant.id).changes(&everything).await.unwrap();
        changes.sort_by_key(|change| change.position);
        changes
    }

    /// The actions in the change stream, in order.
    pub async fn actions(&self) -> Vec<String> {
        self.changes().await.iter().map(|change| change.action.as_str().to_owned()).collect()
    }

    /// What administrators did, in order: the rows as JSON.
    pub async fn admin_actions(&self) -> Vec<Value> {
        let (client, connection) = tokio_postgres::connect(&self.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let rows = client.query("SELECT to_json(a)::text FROM admin_actions a ORDER BY position", &[]).await.unwrap();
        rows.iter().map(|row| serde_json::from_str(row.get(0)).unwrap()).collect()
    }

    /// Every row of the tables of the server's database as text, sorted; but for those that are written in the background.
    pub async fn dump(&self) -> String {
        let everything = self.dump_all().await;
        let aside = |line: &str| line.starts_with("failed_requests ") || line.starts_with("credential_uses ");
        everything.lines().filter(|line| !aside(line)).map(|line| format!("{line}\n")).collect()
    }

    /// Every row of every table of the server's database as text, sorted.
    pub async fn dump_all(&self) -> String {
        let (client, connection) = tokio_postgres::connect(&self.database_url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace \
            AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1";
        let mut dump = String::new();
        for table in client.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            let rows = client.query(&format!("SELECT t::text FROM {table} t ORDER BY 1"), &[]).await.unwrap();
            rows.iter().for_each(|row| dump.push_str(&format!("{table} {}\n", row.get::<_, String>(0))));
        }
        dump
    }
}
