import Bridge
import Foundation
import Logging

/// Log handler that writes one JSON object a line to standard error: fixed keys first, then the metadata sorted by key.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: JSONObject = [
            "time": .string(
                Date().formatted(.iso8601.dateTimeSeparator(.standard).time(includingFractionalSeconds: true))),
            "level": .string(event.level.rawValue), "logger": .string(label), "message": .string("\(event.message)"),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line[key] = .string("\(value)") }
        // `FileHandle.write(_:)` traps on EPIPE; a closed log pipe must not end the process.
        try? FileHandle.standardError.write(contentsOf: Data(JSONValue.object(line).bytes() + [0x0A]))
    }
}

/// Sets up logging. Call once a process, before the first log line.
enum LogOutput {
    /// Without a configured format: text on a terminal, else JSON.
    static func start(_ settings: LogSettings) {
        let isTerminal = isatty(STDERR_FILENO) == 1
        let format = settings.format ?? (isTerminal ? .text : .json)
        LoggingSystem.bootstrap { label in
            switch format {
            case .json:
                var handler = JSONLogHandler(label: label)
                handler.logLevel = settings.level
                return handler
            case .text:
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = settings.level
                return handler
            }
        }
    }
}
