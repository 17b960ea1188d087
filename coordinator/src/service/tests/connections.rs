//! Peers that only connect, and those that come after them.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::*;

/// Places in these stories.
const PLACES: usize = 16;

#[tokio::test]
async fn silent_connections_keep_nobody_out() {
    let coordinator = Coordinator::start_for(PLACES).await;
    let id = coordinator.run(spec()).await;
    let mut friend = coordinator.client().await;
    pipeline(&mut friend, &id).await;

    let mut silent = Vec::new();
    for _ in 0..245 {
        silent.push(TcpStream::connect(coordinator.address).await.unwrap());
    }
    // Who was let in goes on, and who comes now is let in, too.
    pipeline(&mut friend, &id).await;
    let mut late = coordinator.client().await;
    pipeline(&mut late, &id).await;
    // The older ones were let go.
    let mut said = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, silent[0].read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "the connection has an end, whatever was said before it");
    pipeline(&mut friend, &id).await;
    drop((friend, late, silent));
    coordinator.stop().await;
}
