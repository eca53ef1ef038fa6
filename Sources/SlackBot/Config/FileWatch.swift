import Foundation

/// When files have changed and are quiet again: a pure machine that is fed with what a look at them found.
struct FileWatch: Sendable {
    /// What tells one state of a file from another without reading it; nil: it is not there.
    struct Stamp: Sendable, Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    /// The state that was acted on; nil: none yet.
    private var settled: [Stamp?]?
    private var last: [Stamp?]?

    /// True when the files differ from the state that was acted on, and did not change since the look before: an editor
    /// that is still writing is waited for.
    mutating func isDue(_ stamps: [Stamp?]) -> Bool {
        defer { last = stamps }
        guard stamps != settled, stamps == last else { return false }
        settled = stamps
        return true
    }

    /// The state is acted on by somebody else.
    mutating func settle(_ stamps: [Stamp?]) { settled = stamps }

    /// Looks at files. Follows links, so that a mounted folder whose link is exchanged counts as changed.
    static func stamps(of paths: [String]) -> [Stamp?] {
        paths.map { path in
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Stamp(
                device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
                seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
        }
    }
}
