{{ forecasts_with_scores(['sofr_quarter_end'], 'bp') }}
