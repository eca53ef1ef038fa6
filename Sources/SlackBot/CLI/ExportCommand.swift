import Analytics
import ArgumentParser
import Foundation

/// `omni export`: writes the audit log to standard output or a file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the audit log as JSON lines or CSV, oldest row first.",
        discussion: "Rows are read page by page, so that any number fits. The file is for its owner's eyes only (0600)."
    )

    @Option(help: "jsonl or csv.")
    var format: AuditExport.Format

    @Option(help: "Only questions that ended since then: \(Since.examples).")
    var since: SinceArgument?

    @Option(help: "Only questions that ended before then.")
    var until: SinceArgument?

    @Option(name: .shortAndLong, help: "The file to write instead of standard output; one that exists is replaced.")
    var output: String?

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let filter = AuditFilter(since: since?.date, until: until?.date)
        let count = try await config.withStore { store, _ in
            let export = AuditExport(store: store, format: format, filter: filter)
            guard let output else {
                return try await export.run { text in
                    Terminal.out(text, terminator: "")
                    try Terminal.checkOutput()
                }
            }
            let handle = try Self.handle(output)
            let count = try await export.run { text in
                do {
                    try handle.write(contentsOf: Data(text.utf8))
                } catch {
                    throw CommandFailed("error: \(output) takes no more: \(Self.reason(error))")
                }
            }
            try handle.close()
            return count
        }
        if let output { Terminal.error("ok: \(count) rows in \(output)") }
    }

    private static func handle(_ output: String) throws -> FileHandle {
        // The file holds questions of users, so only its owner may read it.
        let descriptor = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailed("error: \(output) cannot be written: \(String(cString: strerror(errno)))")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func reason(_ error: any Error) -> String { (error as NSError).localizedDescription }
}
