/** A strike that 1.0.0 and 1.1.0 answer differently. */
export const goose = {
  inputs: Object.entries({
    airport: 'LAGUARDIA NY',
    aircraft: 'B-727-200',
    operator: 'DELTA AIR LINES',
    origin_state: 'New York',
    phase_of_flight: 'Approach',
    wildlife_size: 'Large',
    wildlife_species: 'Canada goose',
    time_of_day: 'Dusk',
    speed_knots: 140,
  }).map(([name, value]) => ({
    name,
    datatype: name === 'speed_knots' ? 'FP32' : 'BYTES',
    shape: [1, 1],
    data: [value],
  })),
};
