import Foundation

/// Whether a process has a file open for writing.
enum OpenFile {
    /// Linux's fcntl(2): these two need _GNU_SOURCE in C.
    private static let setSignal: Int32 = 10
    private static let setLease: Int32 = 1024
    /// statfs(2): NFS, SMB, SMB 2, Ceph, 9P. There a lease depends on the server.
    private static let remote: Set<Int> = [0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x00C3_6400, 0x0102_1997]

    /// A read lease is refused with EAGAIN while the file is open for writing. False when that cannot be found out: on
    /// a remote file system, and for a file of another user.
    static func isBeingWritten(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var system = statfs()
        guard fstatfs(file, &system) == 0, !remote.contains(Int(system.f_type)) else { return false }
        // The signal of a broken lease is SIGIO by default, which would end the process; SIGURG is ignored.
        guard fcntl(file, setSignal, SIGURG) == 0 else { return false }
        guard fcntl(file, setLease, F_RDLCK) == 0 else { return errno == EAGAIN }
        _ = fcntl(file, setLease, F_UNLCK)
        return false
    }
}
