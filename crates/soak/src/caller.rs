//! Finds the process of a connection, so that it can be killed in the middle of its call.

use std::fs;
use std::net::SocketAddr;

/// Returns the one of `processes` that holds the other end of a loopback connection. `None` also without
/// `/proc`: then the caller is unknown, and kills hit a random process.
pub(crate) fn process_behind(peer: SocketAddr, processes: &[u32]) -> Option<u32> {
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let inode = inode_of(&table, peer.port())?;
    let socket = format!("socket:[{inode}]");
    processes.iter().copied().find(|process| {
        let open = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        open.into_iter().any(|file| fs::read_link(file.path()).is_ok_and(|link| link.as_os_str() == &*socket))
    })
}

/// Returns the inode of the socket whose own end is `127.0.0.1:port` (`proc_pid_net(5)`).
fn inode_of(table: &str, port: u16) -> Option<&str> {
    let local = format!("0100007F:{port:04X}");
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let inode = (fields.next()? == local).then(|| fields.nth(7))??;
        // A closed connection belongs to no process.
        (inode != "0").then_some(inode)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_names_the_socket() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 0100007F:9C40 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0000000000000000
   1: 0100007F:1F90 0100007F:9C41 01 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000";
        assert_eq!(inode_of(table, 0x1F90), Some("4242"));
        assert_eq!(inode_of(table, 0x1F91), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn our_own_connection_is_ours() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let own = std::process::id();
        assert_eq!(process_behind(stream.local_addr().unwrap(), &[1, own]), Some(own));
        assert_eq!(process_behind(stream.local_addr().unwrap(), &[]), None);
    }
}
