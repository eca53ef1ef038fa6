import Analytics
import ArgumentParser
import Bridge
import Logging

extension ConfigOptions {
    /// Opens the record beside the bot for the time of `work`; what goes wrong becomes one line.
    func withRecord<Value: Sendable>(_ work: (Record, LiveSettings) async throws -> Value) async throws -> Value {
        let (settings, _) = try load(quietly: true)
        LogOutput.start(LogSettings(level: .error))
        do {
            let location = try StoreLocation(
                databaseURL: settings.store.databaseURL?.revealed, dataFolder: settings.dataFolder)
            let record = try await Record.open(location, logger: Logger(label: "omni.analytics"))
            let result = await Result { try await work(record, LiveSettings(settings)) }
            await record.close()
            return try result.get()
        } catch let failed as CommandFailed {
            throw failed
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }
}

/// An e-mail as an option; anything else is a usage error.
struct EmailArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        let text = People.normalised(argument)
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !text.contains(where: \.isWhitespace) else {
            return nil
        }
        self.text = text
    }
}
