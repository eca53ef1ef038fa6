import Analytics
import ArgumentParser
import Bridge
import Logging

extension ConfigOptions {
    /// Opens the store, runs `work` and closes the store. Throws errors as ``CommandFailed``.
    func withStore<Value: Sendable>(_ work: (Store, LiveSettings) async throws -> Value) async throws -> Value {
        let settings = try load(quietly: true).settings
        LogOutput.start(LogSettings(level: .error))
        do {
            let location = try settings.storeLocation()
            let store = try await Store.open(
                location, calendar: ReportingCalendar(timeZone: settings.timeZone),
                logger: Logger(label: "omni.analytics"))
            let result = await Result { try await work(store, LiveSettings(settings)) }
            await store.close()
            return try result.get()
        } catch let failed as CommandFailed {
            throw failed
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }
}
