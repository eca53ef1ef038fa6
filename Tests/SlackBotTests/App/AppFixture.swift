import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

/// The parts of a process over files in a temporary folder, with a store in SQLite and without Slack.
struct AppFixture {
    let app: App
    let environment: EnvironmentVariables
    private let folder: URL

    /// The text of settings.yaml, unless a test has another.
    static let settings = "llm: {provider: offline}\napp: {port: 0}\n"

    /// Builds the parts for the duration of `body`. No service runs.
    ///
    /// - Parameters:
    ///   - files: further configuration files by name.
    ///   - token: `OMNI_ADMIN_TOKEN`.
    static func run(
        _ files: [String: String] = [:], token: String? = nil, _ body: (AppFixture) async throws -> Void
    ) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let root = temporary.url
        let folder = root.appending(path: "config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files.merging(["settings.yaml": Self.settings], uniquingKeysWith: { own, _ in own }) {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        var values = ["OMNI_DATA": root.appending(path: "data").path()]
        values["OMNI_ADMIN_TOKEN"] = token
        let environment = EnvironmentVariables(values)
        let (found, problems) = SettingsLoader.load(folder: folder.path(), environment: environment)
        let settings = try #require(found, "\(problems)")
        let app = try await App.build(
            settings, environment: environment, processName: "test", logger: SlackAPIDouble.logger)
        var failure: (any Error)?
        do {
            try await body(AppFixture(app: app, environment: environment, folder: folder))
        } catch {
            failure = error
        }
        await app.http.shutdown()
        await app.store.close()
        if let failure { throw failure }
    }

    /// Replaces a configuration file.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name), options: .atomic)
    }

    /// The path of a configuration file.
    func path(of name: String) -> String { folder.appending(path: name).path() }

    func reloader(interval: Duration = .seconds(3_600)) -> Reloader {
        Reloader(app, environment: environment, reloadsOnHUP: false, interval: interval)
    }
}
