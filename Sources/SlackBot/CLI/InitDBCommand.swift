import Analytics
import ArgumentParser
import Logging

/// `omni init-db`: creates or migrates the schema of the store, and makes the audit key if there is none.
struct InitDBCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-db", abstract: "Create the store's schema, or migrate it to this version.")

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let settings = try config.load(quietly: true).settings
        do {
            let location = try settings.storeLocation()
            LogOutput.start(LogSettings(level: .error))
            let store = try await Store.open(location, logger: Logger(label: "omni.analytics"))
            let version = try await store.schemaVersion()
            await store.close()
            let key = try settings.loadAuditKey(making: true)
            Terminal.out("ok: \(location) has schema version \(version)")
            if let key { Terminal.out("ok: the audit log is signed with the key \(key)") }
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }
}
