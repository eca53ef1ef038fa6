import Bridge
import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// Gives the kernel back, once, the pages of program text and constants that the start has touched: most of them nobody
/// needs again, and they would stay resident for good. What is needed after all comes back by itself, from the page
/// cache, at its next use.
///
/// `MADV_DONTNEED` on a private file mapping: "subsequent accesses of pages in the range will succeed, but will result
/// in repopulating the memory contents from the up-to-date contents of the underlying mapped file" (madvise(2)). So it
/// is for mappings that nobody may write to and of which no page differs from the file.
struct StartPages: Service {
    /// Then it is done even though a server is still missing.
    private static let patience = 30

    let health: Health
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for _ in 0..<Self.patience where await health.report().state != .healthy {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
            giveBack()
        }
        // A service ends by a stop only.
        try? await gracefulShutdown()
    }

    private func giveBack() {
        let ranges = Self.untouched(in: Self.mappings())
        for range in ranges {
            madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
        logger.debug("The pages of the start were given back.", metadata: ["mappings": "\(ranges.count)"])
    }

    /// The text of `/proc/self/smaps`; empty when there is none. Read to its end by hand, for it has no size, and
    /// `String(contentsOfFile:)` takes such a file to be as long as its first read.
    static func mappings() -> String {
        let bytes = try? FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd()
        return String(decoding: bytes ?? Data(), as: UTF8.self)
    }

    /// The private mappings of files that nobody may write to and nobody has changed, in the text of
    /// `/proc/self/smaps` (proc_pid_smaps(5)).
    static func untouched(in mappings: String) -> [Range<UInt>] {
        var ranges: [Range<UInt>] = []
        var current: Range<UInt>?
        for line in mappings.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            if let range = range(fields) {
                current = isConstant(fields) ? range : nil
            } else if fields.first == "Anonymous:", let range = current {
                if fields.dropFirst().first == "0" { ranges.append(range) }
                current = nil
            }
        }
        return ranges
    }

    /// Of a line like `55d2c0000000-55d2c0a00000 r-xp 00000000 fe:00 1234    /usr/bin/omni`; nil for any other.
    private static func range(_ fields: [Substring]) -> Range<UInt>? {
        let ends = fields.first?.split(separator: "-").map { UInt($0, radix: 16) } ?? []
        guard fields.count >= 5, ends.count == 2, let start = ends[0], let end = ends[1] else { return nil }
        return start < end ? start..<end : nil
    }

    /// Readable, not writable, private, of a file.
    private static func isConstant(_ fields: [Substring]) -> Bool {
        let access = Array(fields[1])
        return access.count == 4 && access[0] == "r" && access[1] == "-" && access[3] == "p" && fields[4] != "0"
    }
}
