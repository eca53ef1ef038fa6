import Foundation

/// State machine that decides when changed files are stable. The caller passes what it found at each poll.
struct FileWatch: Sendable {
    /// Identifies a state of a file without reading it.
    struct Stamp: Sendable, Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    /// The state that was loaded; nil: none yet.
    private var settled: [Stamp?]?
    private var last: [Stamp?]?
    /// The polls in a row, from 1, that found the same state.
    private(set) var quietPolls = 0
    /// After so many polls without a change a file that may be half-written counts as finished.
    static let requiredQuietPolls = 5

    /// True when the files differ from the loaded state and are unchanged since the last poll, so that an editor has
    /// finished writing. The state then counts as loaded.
    mutating func isDue(_ stamps: [Stamp?]) -> Bool {
        quietPolls = stamps == last ? quietPolls + 1 : 1
        defer { last = stamps }
        guard stamps != settled, stamps == last else { return false }
        settled = stamps
        return true
    }

    /// Another caller has loaded this state.
    mutating func settle(_ stamps: [Stamp?]) { settled = stamps }

    /// The state that was found was not loaded: it is due again at the next poll.
    mutating func reopen() { settled = nil }

    /// The states of files; nil for one that does not exist. Follows links, so that a mounted folder whose link is
    /// replaced counts as changed.
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
