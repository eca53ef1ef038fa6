import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("Export of the audit log")
struct ExportTests {
    @Test("a cell of CSV is quoted where it must be, and never a formula")
    func csv() {
        let cells: [JSONValue] = ["plain", "a,b", "say \"hi\"", "two\nlines", .null, 7, true, ["x"]]
        #expect(CSV.line(cells) == "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,7,true,\"[\"\"x\"\"]\"\r\n")
        for start in ["=", "+", "-", "@", "\t", "＝"] {
            let line = CSV.line([.string("\(start)cmd|' /C calc'!A0")])
            #expect(line.hasPrefix("'\(start)") || line.hasPrefix("\"'\(start)"))
        }
        #expect(CSV.line([-5]) == "-5\r\n")
    }

    @Test(
        "a moment is a duration before now, a day, or a time",
        arguments: [
            ("30m", -1_800.0), ("24h", -86_400), ("7d", -604_800), ("2w", -1_209_600), ("2026-11-01", -1_900_800),
            ("2026-11-23T00:00:00Z", 0), ("2026-11-22T23:59:30.500Z", -29.5), ("2026-11-22T23:59Z", -60),
        ])
    func since(text: String, seconds: Double) {
        let now = Date(timeIntervalSince1970: 1_795_392_000)
        #expect(Since.date(text, now: now)?.timeIntervalSince(now) == seconds)
    }

    @Test(
        "other texts are no moment",
        arguments: [
            "", "7", "d", "-1d", "0d", "1.5h", "1y", "2026-02-30", "2026-11-01T09:30:00", "tomorrow", "9999999d",
        ])
    func noMoment(text: String) { #expect(Since.date(text) == nil) }
}

@Suite("Watching files for changes")
struct FileWatchTests {
    private func stamp(_ size: Int64) -> FileWatch.Stamp {
        FileWatch.Stamp(device: 1, inode: 1, size: size, seconds: 0, nanoseconds: 0)
    }

    /// For each check after the first, whether a change is due; the first state is already in effect.
    private func due(_ looks: [Int64?]...) -> [Bool] {
        var watch = FileWatch()
        let stamps = looks.map { $0.map { $0.map(stamp) } }
        watch.settle(stamps[0])
        return stamps.dropFirst().map { watch.isDue($0) }
    }

    @Test("a change is due once, when the file has stopped changing")
    func quiet() {
        #expect(due([1, nil], [1, nil], [1, nil]) == [false, false])
        #expect(due([1], [2], [3], [3], [3]) == [false, false, true, false], "somebody may still be writing")
        #expect(due([3, nil], [3, 1], [3, 1]) == [false, true], "a file that appears is a change")
        #expect(due([3, 1], [nil, 1], [nil, 1]) == [false, true], "so is one that goes")
    }

    @Test("a state that was applied by another caller is not due, nor is a change that was undone")
    func settled() {
        #expect(due([2], [3], [2], [2]) == [false, false, false])
    }

    @Test("a file's stamp changes with its content, and is nil when the file is missing")
    func stamps() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.url.appending(path: "file")
        #expect(FileWatch.stamps(of: [file.path()]) == [nil])
        try Data("one".utf8).write(to: file)
        let first = FileWatch.stamps(of: [file.path()])
        #expect(first == FileWatch.stamps(of: [file.path()]))
        try Data("three".utf8).write(to: file)
        #expect(first != FileWatch.stamps(of: [file.path()]))
    }
}
