import ArgumentParser
import Bridge
import Foundation
import Logging

/// `omni reload`: requests a reload of the configuration from the side port of the running bot.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Let the running bot read its configuration again.",
        discussion: """
            Asks the side port that settings.yaml names, with OMNI_ADMIN_TOKEN. Exit code 1 when the files have errors: \
            the configuration in force then stays.
            """)

    @Option(help: "The side port's address, when settings.yaml does not say it: http://127.0.0.1:8000.")
    var url: String?

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        if let url, WebAddress(url) == nil {
            throw ValidationError("--url wants an address like http://127.0.0.1:8000.")
        }
    }

    func run() async throws {
        let (environment, _) = EnvironmentVariables.load()
        let folder = config.folder(environment)
        // The files may have errors: the running bot reports them.
        let port = SettingsLoader.sidePort(folder: folder, environment: environment)
        guard let token = port.adminToken else {
            throw CommandFailed("error: OMNI_ADMIN_TOKEN is not set; the running bot needs the same one")
        }
        LogOutput.start(LogSettings(level: .critical))
        let address = try url ?? Self.address(port)
        let http = HTTPClient(
            HTTPClient.Configuration(caFile: environment["SSL_CERT_FILE"]), logger: Logger(label: "omni.reload"))
        let answer = await Result { try await Self.ask(address, token, http) }
        await http.shutdown()
        let (status, body) = try answer.get()
        guard body["status"] != nil else {
            let message = body["error"]?["message"]?.string ?? "it answered \(status)"
            throw CommandFailed("error: \(address) did not reload: \(message)")
        }
        Terminal.out(json ? body.text() : ReloadOutcome.lines(body).joined(separator: "\n"))
        guard status == 200 else { throw ExitCode(1) }
    }

    private static func address(_ port: SidePortSettings) throws -> String {
        guard port.port != 0 else {
            throw CommandFailed("error: app.port is 0, so name the side port with --url http://127.0.0.1:PORT")
        }
        let isEverywhere = ["0.0.0.0", "::", ""].contains(port.host)
        let host = isEverywhere ? "127.0.0.1" : port.host.contains(":") ? "[\(port.host)]" : port.host
        return "http://\(host):\(port.port)"
    }

    private static func ask(_ address: String, _ token: Secret, _ http: HTTPClient) async throws -> (Int, JSONValue) {
        let base = address.hasSuffix("/") ? String(address.dropLast()) : address
        do {
            let response = try await http.send(
                HTTPClient.Request(
                    "POST", "\(base)/admin/reload",
                    headers: [(name: "Authorization", value: "Bearer \(token.revealed)")]))
            let body = try await response.collect(upTo: 1 << 22)
            return (response.status, (try? JSONValue(parsing: body)) ?? .null)
        } catch {
            throw CommandFailed("error: \(address) cannot be asked, is `omni run` up? \(error)")
        }
    }
}
