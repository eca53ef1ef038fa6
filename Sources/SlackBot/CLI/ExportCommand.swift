import Analytics
import ArgumentParser
import Foundation

/// `omni export`: writes the audit log to standard output or a file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the audit log, oldest row first: JSON lines, CSV, CEF or syslog lines.",
        discussion: """
            Rows are read page by page, so that any number fits. The file is for its owner's eyes only (0600). The id \
            of the last row goes to standard error; --after continues there.
            """
    )

    @Option(help: "jsonl, csv, cef (ArcSight's Common Event Format) or syslog (RFC 5424).")
    var format: AuditExport.Format

    @Option(help: "Only questions that ended since then: \(Since.examples).")
    var since: SinceArgument?

    @Option(help: "Only questions that ended before then.")
    var until: SinceArgument?

    @Option(help: "Only rows with a higher id: the last id of the export before.")
    var after: Int64 = 0

    @Option(name: .shortAndLong, help: "The file to write instead of standard output; one that exists is replaced.")
    var output: String?

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let filter = AuditFilter(since: since?.date, until: until?.date)
        let written = try await config.withStore { store, _ in
            let export = AuditExport(store: store, format: format, filter: filter, after: after)
            guard let output else {
                return try await export.run { text in
                    Terminal.out(text, terminator: "")
                    try Terminal.checkOutput()
                }
            }
            let handle = try Self.handle(output)
            let written = try await export.run { text in
                do {
                    try handle.write(contentsOf: Data(text.utf8))
                } catch {
                    throw CommandFailed("error: \(output) takes no more: \(Self.reason(error))")
                }
            }
            try handle.close()
            return written
        }
        if let output { Terminal.error("ok: \(written.rows) rows in \(output)") }
        Terminal.error("last id: \(written.position)")
    }

    private static func handle(_ output: String) throws -> FileHandle {
        // The file holds questions of users, so only its owner may read it.
        let descriptor = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailed("error: \(output) cannot be written: \(String(cString: strerror(errno)))")
        }
        // One that existed keeps its mode. A device or a pipe has no such mode, and the open descriptor is enough.
        var info = stat()
        if fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG { fchmod(descriptor, 0o600) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func reason(_ error: any Error) -> String { (error as NSError).localizedDescription }
}
