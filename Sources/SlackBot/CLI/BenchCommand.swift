import ArgumentParser
import Bridge
import Foundation

/// For `make bench`, which measures the program as it is shipped: times its inner loops on samples that the harness also
/// gives to their counterparts in Python.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time the program's inner loops and print the figures as JSON.",
        shouldDisplay: false)

    @Argument(help: "The folder with document.json, envelope.json, stream.txt and answer.md.")
    var samples: String

    @Option(help: "How long each figure is measured, in milliseconds.")
    var milliseconds = 500

    func run() async throws {
        let stopwatch = Stopwatch(time: .milliseconds(milliseconds))
        let subjects = try BenchSubjects(folder: URL(filePath: samples, directoryHint: .isDirectory))
        var figures: JSONObject = [:]
        for subject in subjects.all() {
            let time = try stopwatch.time(subject.work)
            figures[subject.name] = .double(subject.figure(time))
        }
        // Printed, so that no work can be left out as unused.
        figures["checksum"] = .int(Int64(stopwatch.checksum))
        Terminal.out(JSONValue.object(figures).text())
    }
}

/// Times a piece of work: warmed up, then the median of five rounds.
final class Stopwatch {
    private let time: Duration
    /// The sum of what all runs gave.
    private(set) var checksum = 0

    init(time: Duration) { self.time = time }

    /// The time of one run. The work gives a number that depends on everything it does.
    func time(_ work: () throws -> Int) rethrows -> Duration {
        var runs = 1
        var round = try measure(runs, work)
        while round < time / 5 {
            runs *= 2
            round = try measure(runs, work)
        }
        var rounds: [Duration] = []
        for _ in 0..<5 { rounds.append(try measure(runs, work)) }
        return rounds.sorted()[2] / runs
    }

    private func measure(_ runs: Int, _ work: () throws -> Int) rethrows -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<runs { checksum &+= try work() }
        return clock.now - start
    }
}
